/* A life of one router: 4 bytes an event.  Whatever happens, effects are few,
 * priority 0 comes only from one who was Master, and the deadline is never in
 * the past once it was served. */
#include "elect.h"
#include "fuzz.h"

static struct elect_cfg config(uint8_t b)
{
	return (struct elect_cfg){
		.version = b & 1 ? 2 : 3,
		.prio = b & 2 ? 255 : 100,
		.preempt = b & 4,
		.lower_no_advert = b & 8,
		.handover = b & 16 ? HANDOVER_BREAK : HANDOVER_OVERLAP,
		.interval = US_PER_S,
		.max_interval = 10 * US_PER_S,
		.preempt_delay = b & 32 ? 3 * US_PER_S : 0,
		.start_delay = b & 64 ? 2 * US_PER_S : 0,
		.heartbeat = b & 128 ? US_PER_S / 2 : 0,
		.confirm = b & 128 ? 2 * US_PER_S : 0,
	};
}

static struct elect_event event(const uint8_t b[4])
{
	static const uint8_t src[4] = { 192, 0, 2, 7 };

	return (struct elect_event){
		.type = (enum elect_event_type)(
			EV_STOP + b[0] % (ELECT_EVENT_N - 1)),
		.prio = b[1],
		.held_all = b[2] & 1,
		.held_any = b[2] & 3,
		.interval = (b[2] + 1) * INT64_C(10000),
		.src = addr_from(AF_INET, src),
		.why = "fuzz",
	};
}

static void check(const struct elect *e, const struct elect_fx *fx, size_t n,
	bool was_master)
{
	CLAIM(n <= ELECT_FX_MAX);
	for (size_t i = 0; i < n; i++)
		if (fx[i].type == FX_ADVERT && fx[i].prio == 0)
			CLAIM(was_master);
	CLAIM(e->state < ELECT_STATE_N && strlen(e->why) < ELECT_WHY_LEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elect_cfg cfg = config(size ? data[0] : 0);
	struct elect_event ev = { .type = EV_START };
	struct elect_fx fx[ELECT_FX_MAX];
	struct mono now = { 1000000 };
	struct elect e;
	bool was_master = false;

	elect_init(&e, &cfg);
	for (size_t at = 1;; at += 4) {
		size_t n = elect_step(&e, &ev, now, fx);

		was_master = was_master || e.state == ELECT_MASTER;
		check(&e, fx, n, was_master);
		if (at + 4 > size)
			break;
		now = mono_add(now, data[at + 3] * INT64_C(20000));
		ev = event(data + at);
	}
	return 0;
}
