/* Spikes in flight: order, delay, nothing lost. */
#include "sim/event_queue.h"
#include "tests/suites.h"

static void events_keep_the_order_in_which_they_were_sent(void)
{
    struct event_queue *queue = event_queue_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(queue);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 1000; i++)
            CU_ASSERT(
                event_queue_send(queue, 0, (struct event){ 1000 - i, (int32_t)i }));
        size_t count = 0;
        const struct event *event = event_queue_arrivals(queue, &count);
        CU_ASSERT_EQUAL_FATAL(count, 1000);
        for (uint32_t i = 0; i < 1000; i++)
            CU_ASSERT(event[i].source == 1000 - i && event[i].worth == (int32_t)i);
        event_queue_advance(queue);
        event_queue_arrivals(queue, &count);
        CU_ASSERT_EQUAL(count, 0);
    }
    event_queue_free(queue);
}

static void events_arrive_after_their_delay(void)
{
    enum { LONGEST = 6 };
    struct event_queue *queue = event_queue_create(LONGEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(queue);
    for (uint32_t now = 0; now < 40; now++) {
        for (uint32_t delay = 0; delay <= LONGEST; delay++)
            CU_ASSERT(
                event_queue_send(queue, delay, (struct event){ delay, (int32_t)now }));
        size_t count = 0;
        const struct event *event = event_queue_arrivals(queue, &count);
        CU_ASSERT_EQUAL(count, now < LONGEST ? now + 1 : LONGEST + 1);
        for (size_t i = 0; i < count; i++) {
            CU_ASSERT_EQUAL(event[i].source + (uint32_t)event[i].worth, now);
            CU_ASSERT(i == 0 || event[i].worth > event[i - 1].worth);
        }
        event_queue_advance(queue);
    }
    event_queue_free(queue);
}

static void events_sent_have_arrived_or_are_in_flight(void)
{
    enum { LONGEST = 9, STEPS = 500 };
    struct event_queue *queue = event_queue_create(LONGEST);
    CU_ASSERT_PTR_NOT_NULL_FATAL(queue);
    size_t sent = 0, passed = 0;
    uint32_t random = 1;
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < step % 37; i++) {
            random = random * 1664525u + 1013904223u;
            sent += event_queue_send(queue, (random >> 16) % (LONGEST + 1),
                                     (struct event){ 0, 1 });
        }
        size_t count = 0;
        event_queue_arrivals(queue, &count);
        passed += count;
        event_queue_advance(queue);
        CU_ASSERT_EQUAL(sent, passed + event_queue_in_flight(queue));
    }
    for (int step = 0; step <= LONGEST; step++)
        event_queue_advance(queue);
    CU_ASSERT_EQUAL(event_queue_in_flight(queue), 0);
    event_queue_free(queue);
    event_queue_free(NULL);
}

CU_TestInfo event_queue_tests[] = {
    { "events keep the order in which they were sent",
      events_keep_the_order_in_which_they_were_sent },
    { "events arrive after their delay", events_arrive_after_their_delay },
    { "events sent have arrived or are in flight",
      events_sent_have_arrived_or_are_in_flight },
    CU_TEST_INFO_NULL,
};
