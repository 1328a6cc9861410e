/* A process that stays gives back what its start alone needed. */
#ifndef LEAN_H
#define LEAN_H

/* Free memory of the heap, and the stack from some pages below the caller on.
 * Nothing points there: it is what calls that have returned left behind. */
void lean(void);

#endif
