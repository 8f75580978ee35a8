// What the program asks of its memory allocator. How it is set up is said in memory.cc.
#pragma once

namespace sextant {

/// Memory beyond what an idle server needs may come in huge pages from now on, where the kernel has them: fewer faults,
/// and less time to find what lies where. To be called before there are other threads. Without effect in programs that
/// use the C library's malloc.
void use_huge_pages();

/// From now until give_back_memory() it does. Any thread; costs next to nothing when it does already.
void expect_load();

/// Gives memory that was freed and is kept for the next use back to the operating system. Takes some milliseconds; for
/// moments in which nothing else is to be done. Any thread. Without effect in programs that use the C library's malloc.
void give_back_memory();

}  // namespace sextant
