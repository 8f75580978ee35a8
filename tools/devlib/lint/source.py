"""Source text with comments and strings blanked out, so that a check sees code alone. Lines and columns stay in place."""
import re

# Order matters: a comment may hold quotes and a string may hold comment marks; what starts first wins. A quoted string
# ends at its line's end at the latest, so that an apostrophe in a page's text cannot swallow the rest of the file.
CPP = re.compile(r'''//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+\'''',
                 re.DOTALL)
# A regular expression literal stands only where a value may start.
TS = re.compile(r'''//[^\n]*|/\*.*?\*/|`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*\''''
                r'''|(?:(?<=[=(,:!&|?\[])|(?<=\breturn))\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*''', re.DOTALL)
COMMENT = re.compile(r"//|/\*")


def blank(text):
    """Spaces for every character but line ends."""
    return re.sub(r"[^\n]", " ", text)


def code_only(text, pattern, keep_strings=False):
    """`text` without its comments, and without what stands in strings unless they are kept."""
    def replace(match):
        found = match.group(0)
        if COMMENT.match(found):
            return blank(found)
        if keep_strings:
            return found
        return found[0] + blank(found[1:-1]) + found[-1] if len(found) > 1 else found
    return pattern.sub(replace, text)


def pattern_for(path):
    """How strings and comments look in this kind of file."""
    return CPP if path.suffix in (".h", ".cc", ".def") else TS


def line_of(text, offset):
    """The number of the line that holds `offset`, from 1."""
    return text.count("\n", 0, offset) + 1
