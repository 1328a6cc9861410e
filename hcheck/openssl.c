#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "openssl.h"

#define TEXT_OF(x)  #x
#define TEXT(x)	    TEXT_OF(x)
#define ABI_VERSION TEXT(OPENSSL_SHLIB_VERSION)

struct openssl openssl;

static const char *const names[] = {
#define NAME(f) #f,
	OPENSSL_FUNCTIONS(NAME)
};

#define NAMES (sizeof names / sizeof *names)

_Static_assert(sizeof openssl == NAMES * sizeof(void *), "pointers alone");

static bool tried, loaded, sealed;
static char why[256];

/* libssl brings libcrypto, and dlsym(3) looks there too. */
static bool find_all(void)
{
	void *lib = dlopen("libssl.so." ABI_VERSION, RTLD_NOW);
	void *found[NAMES];

	if (!lib)
		return false;
	for (size_t i = 0; i < NAMES; i++) {
		found[i] = dlsym(lib, names[i]);
		if (!found[i])
			return false;
	}
	memcpy(&openssl, found, sizeof openssl);
	return true;
}

static void load(void)
{
	if (tried)
		return;
	tried = true;
	loaded = find_all();
	if (loaded)
		OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	else
		snprintf(why, sizeof why,
			"OpenSSL cannot be loaded (package libssl" ABI_VERSION
			"): %s",
			dlerror());
}

const char *openssl_need(void)
{
	if (!sealed)
		load();
	if (!loaded && !sealed)
		die(EXIT_SYSTEM, "%s", why);
	return loaded ? NULL : why;
}

static bool is_part(const char *path)
{
	return strstr(path, "/libssl.so.") || strstr(path, "/libcrypto.so.");
}

static int drop_clean(struct dl_phdr_info *lib, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size, (void)arg;
	if (!is_part(lib->dlpi_name))
		return 0;
	for (size_t i = 0; i < lib->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &lib->dlpi_phdr[i];
		uintptr_t from = (lib->dlpi_addr + p->p_vaddr) & -page;
		uintptr_t to = lib->dlpi_addr + p->p_vaddr + p->p_memsz;

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W))
			madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void openssl_seal(bool may_come)
{
	bool early = may_come && !tried;

	if (early)
		load();
	if (early && loaded) /* the file's pages: not before they are used */
		dl_iterate_phdr(drop_clean, NULL);
	sealed = true;
}
