#include "t.h"
#include "cur.h"

static void reads_in_network_order(void **state)
{
	static const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 0xff, 0xfe };
	struct rd r = rd_init(b, sizeof b);

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_be16(&r), 0x0203);
	assert_int_equal(rd_be32(&r), 0x04050607);
	assert_ptr_equal(rd_bytes(&r, 2), b + 7);
	assert_int_equal(r.left, 0);
	assert_false(r.bad);
}

static void past_the_end_is_zero_and_bad_for_ever(void **state)
{
	uint8_t *b = t_exact("\xaa\xbb\xcc", 3);
	struct rd r = rd_init(b, 3);

	(void)state;
	assert_int_equal(rd_be32(&r), 0xaabb0000);
	assert_true(r.bad);
	assert_int_equal(r.left, 1);
	assert_int_equal(rd_u8(&r), 0);
	assert_null(rd_bytes(&r, 1));
	assert_null(rd_bytes(&r, 0));
	free(b);
}

static void a_huge_length_does_not_wrap(void **state)
{
	uint8_t *b = t_exact("abc", 3);
	struct rd r = rd_init(b, 3);
	struct wr w = wr_init(b, 3);

	(void)state;
	assert_null(rd_bytes(&r, SIZE_MAX));
	assert_true(r.bad);
	wr_zero(&w, SIZE_MAX);
	assert_true(w.bad);
	assert_int_equal(w.len, 0);
	free(b);
}

static void an_empty_buffer_is_no_pointer(void **state)
{
	struct rd r = rd_init(NULL, 0);
	struct wr w = wr_init(NULL, 0);

	(void)state;
	assert_int_equal(rd_u8(&r), 0);
	assert_true(r.bad);
	wr_bytes(&w, NULL, 0);
	assert_false(w.bad);
	wr_u8(&w, 1);
	assert_true(w.bad);
}

static void writes_in_network_order(void **state)
{
	static const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 'x', 'y', 0, 0 };
	uint8_t b[sizeof want];
	struct wr w = wr_init(b, sizeof b);

	(void)state;
	memset(b, 0xee, sizeof b);
	wr_u8(&w, 1);
	wr_be16(&w, 0x0203);
	wr_be32(&w, 0x04050607);
	wr_bytes(&w, "xy", 2);
	wr_zero(&w, 2);
	assert_false(w.bad);
	assert_int_equal(w.len, sizeof want);
	assert_memory_equal(b, want, sizeof want);
}

static void a_full_writer_stays_full(void **state)
{
	uint8_t *b = t_exact("....", 4);
	struct wr w = wr_init(b, 4);

	(void)state;
	wr_be16(&w, 0x6162);
	wr_bytes(&w, "too long", 8);
	assert_true(w.bad);
	wr_u8(&w, 'c');
	assert_int_equal(w.len, 2);
	assert_memory_equal(b, "ab..", 4);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_network_order),
		cmocka_unit_test(past_the_end_is_zero_and_bad_for_ever),
		cmocka_unit_test(a_huge_length_does_not_wrap),
		cmocka_unit_test(an_empty_buffer_is_no_pointer),
		cmocka_unit_test(writes_in_network_order),
		cmocka_unit_test(a_full_writer_stays_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
