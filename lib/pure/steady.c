#include "steady.h"

#define STEP (2 * US_PER_S) /* less is not noticed, and does no harm */

/* Who reads late sees timestamps that are behind, never ahead: so one that is
 * further ahead than any was before is a step, and so is one that goes back. */
int64_t steady_us(struct steady *s, int64_t us, struct mono read)
{
	int64_t ahead = us - read.us;

	if (s->begun && (ahead > s->ahead + STEP || us < s->before - STEP)) {
		s->shift += s->ahead - ahead;
		s->ahead = ahead;
	}
	if (!s->begun || ahead > s->ahead)
		s->ahead = ahead;
	s->begun = true;
	s->before = us;
	return us + s->shift;
}

int64_t steady_now(const struct steady *s, struct mono now)
{
	return s->begun ? now.us + s->ahead + s->shift : 0;
}
