#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lean.h"

#define DEEPEST (128 << 10) /* below this nothing of ours ever was */
/* What the caller will use goes no deeper, and shall need no page when it is in
 * a hurry. */
#define KEPT 6144

static void drop_stack(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t end = (here - KEPT) & ~(page - 1);

	/* of a part that is no stack yet it says ENOMEM, and does the rest */
	madvise((void *)(end - DEEPEST), DEEPEST, MADV_DONTNEED);
}

void lean(void)
{
	malloc_trim(0);
	drop_stack();
}
