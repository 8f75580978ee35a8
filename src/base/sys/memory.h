// What the program asks of its memory allocator. How it is set up is said in memory.cc.
#pragma once

namespace sextant {

/// Gives memory that was freed and is kept for the next use back to the operating system. Takes some milliseconds; for
/// moments in which nothing else is to be done. Any thread. Without effect in programs that use the C library's malloc.
void give_back_memory();

}  // namespace sextant
