#include "client/doctor.h"

#include "client/chat/chat.h"
#include "client/config.h"
#include "client/doctor_report.h"
#include "client/link/link.h"
#include "client/link/link_ops.h"
#include "client/link/outbox.h"
#include "client/script_person.h"
#include "common/buf.h"
#include "common/util.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define WAYS_MAX 8

static const struct exam_patience patience = {
    .open_ms = 10000,
    .pong_ms = 10000,
    .watch_max_ms = 40000, /* a little more than two heartbeats of the default */
};

struct doctor;

struct patient {
    struct doctor *doctor;
    struct exam *exam; /* NULL: over */
    bool is_begun;     /* of those that wait for their turn */
    struct exam_report report;
};

struct doctor {
    struct client_config config; /* the user's, but for rooms and the face */
    uv_loop_t loop;
    struct chat *chat;
    struct script_person person;
    uv_prepare_t turn; /* what a status means is dealt with outside of the link's calls */
    uv_signal_t interrupt;
    bool has_news, is_examining, has_failed;
    struct patient patients[WAYS_MAX];
    size_t count, open;
};

/* A guest's name is free at once, unless something that was typed waits for it. */
static void
leave(struct doctor *doctor)
{
    struct link *link = chat_link(doctor->chat);
    bool is_guest = false;

    for (size_t i = 0; i < doctor->count; i++)
        is_guest = is_guest || doctor->patients[i].report.is_guest;
    uv_prepare_stop(&doctor->turn);
    link_close(link, is_guest && outbox_is_empty(link_outbox(link)));
}

static void examine_next(struct doctor *doctor);

static void
on_examined(void *context, const struct exam_report *report)
{
    struct patient *patient = context;

    patient->report = *report;
    patient->exam = NULL;
    patient->doctor->open--;
    examine_next(patient->doctor);
}

static void
examine_one(struct doctor *doctor, const struct link_ops *row, struct patient *patient)
{
    patient->exam = exam_start(chat_link(doctor->chat), row, &patience, on_examined, patient,
                               patient->report.why, sizeof(patient->report.why));
    doctor->open += patient->exam != NULL;
}

/* Those that pace come when all others are done: a pong goes down the session's next answer to a
 * poll, whichever row asked. */
static void
examine_next(struct doctor *doctor)
{
    bool is_first = !doctor->is_examining;

    doctor->is_examining = true;
    for (size_t i = 0; is_first && i < doctor->count; i++)
        if (!link_rows[i]->paces)
            examine_one(doctor, link_rows[i], &doctor->patients[i]);
    for (size_t i = 0; i < doctor->count && doctor->open == 0; i++)
        if (link_rows[i]->paces && !doctor->patients[i].is_begun) {
            doctor->patients[i].is_begun = true;
            examine_one(doctor, link_rows[i], &doctor->patients[i]);
        }
    if (doctor->open == 0)
        leave(doctor);
}

static void
examine(struct doctor *doctor)
{
    link_pause(chat_link(doctor->chat));
    for (; link_rows[doctor->count] != NULL && doctor->count < WAYS_MAX; doctor->count++)
        doctor->patients[doctor->count] = (struct patient){
            .doctor = doctor,
            .report = {.transport = link_rows[doctor->count]->name,
                       .verdict = EXAM_BLOCKED,
                       .first_byte_ms = -1,
                       .cut_ms = -1},
        };
    examine_next(doctor);
}

static void
fail(struct doctor *doctor)
{
    const struct link_status *status = link_status(chat_link(doctor->chat));

    fprintf(stderr, "rtchat-client: %s\n", status->why);
    doctor->has_failed = true;
    leave(doctor);
}

/* It has logged in. Whether its own way came so far is of no interest: that is looked at now. */
static bool
may_begin(const struct link *link)
{
    const struct link_status *status = link_status(link);

    if (status->state == LINK_LIVE)
        return true;

    return link_has_session(link) &&
           (status->state == LINK_WAITING ||
            (status->state == LINK_FAILED && status->fault != LINK_FAULT_CERTIFICATE));
}

static void
on_turn(uv_prepare_t *turn)
{
    struct doctor *doctor = container_of(turn, struct doctor, turn);
    struct link *link = chat_link(doctor->chat);
    enum link_state state = link_status(link)->state;

    if (!doctor->has_news || doctor->is_examining || doctor->has_failed)
        return;

    doctor->has_news = false;
    if (may_begin(link))
        examine(doctor);
    else if (state == LINK_WAITING ||
             (state == LINK_FAILED && !script_person_helps(&doctor->person, doctor->chat)))
        fail(doctor);
}

static void
on_status(void *context, const struct link_status *status)
{
    struct doctor *doctor = context;

    doctor->has_news = true;
    if (status->state == LINK_ENDED)
        uv_stop(&doctor->loop);
}

static void
on_interrupt(uv_signal_t *handle, int number)
{
    struct doctor *doctor = container_of(handle, struct doctor, interrupt);

    if (doctor->has_failed)
        return;

    for (size_t i = 0; i < doctor->count; i++)
        if (doctor->patients[i].exam != NULL)
            exam_cancel(doctor->patients[i].exam);
    doctor->has_failed = true;
    leave(doctor);
}

static void
start_handles(struct doctor *doctor)
{
    uv_loop_init(&doctor->loop);
    uv_prepare_init(&doctor->loop, &doctor->turn);
    uv_prepare_start(&doctor->turn, on_turn);
    uv_signal_init(&doctor->loop, &doctor->interrupt);
    uv_signal_start(&doctor->interrupt, on_interrupt, SIGINT);
    signal(SIGPIPE, SIG_IGN);
}

static int
print(const struct doctor *doctor)
{
    struct exam_report reports[WAYS_MAX];
    struct buf text = BUF_INIT;
    bool works = false;

    for (size_t i = 0; i < doctor->count; i++) {
        reports[i] = doctor->patients[i].report;
        works = works || reports[i].verdict == EXAM_WORKS;
    }
    if (doctor->config.json)
        doctor_add_json(&text, doctor->config.url != NULL ? doctor->config.url : CLIENT_DEFAULT_URL,
                        reports, doctor->count);
    else
        doctor_add_table(&text, reports, doctor->count);

    int error = write_all(STDOUT_FILENO, text.data, text.len);
    buf_fini(&text);
    return works && error == 0 ? 0 : 1;
}

int
doctor_run(const struct client_config *config, const char *password)
{
    struct doctor doctor = {.config = *config};
    const struct chat_face face = {.context = &doctor, .status = on_status};
    char why[300] = "";

    doctor.config.rooms = (struct option_list){0}; /* nothing is joined */
    doctor.config.plain = true;                    /* and no history asked for */
    start_handles(&doctor);
    doctor.chat = chat_create(&doctor.loop, &doctor.config, password, &face, why, sizeof(why));
    doctor.has_failed = doctor.chat == NULL;
    if (doctor.chat != NULL) {
        chat_start(doctor.chat);
    } else {
        fprintf(stderr, "rtchat-client: %s\n", why);
    }

    if (doctor.chat != NULL)
        uv_run(&doctor.loop, UV_RUN_DEFAULT);
    chat_destroy(doctor.chat);
    uv_close((uv_handle_t *)&doctor.turn, NULL);
    uv_close((uv_handle_t *)&doctor.interrupt, NULL);
    uv_run(&doctor.loop, UV_RUN_DEFAULT);
    uv_loop_close(&doctor.loop);
    return doctor.has_failed ? 1 : print(&doctor);
}
