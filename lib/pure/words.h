/* Words of a line, quoted as in a shell: '...', "..." and backslash, which in
 * double quotes stands for itself but before " and \.  A # at the start of a
 * word begins a comment. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

/* Takes text apart in place.  Returns how many words, 0 for an empty line;
 * -1 with *why when a quote stays open or there are more than max. */
int words_split(char *text, char **words, size_t max, const char **why);

#endif
