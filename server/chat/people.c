#include "server/chat/people.h"

#include "common/clock.h"
#include "common/util.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

/* Somebody who is there, or was when it was told last. Without readers he stands in `leaving`. */
struct person {
    struct identity who;
    size_t reader_count;
    int64_t until_ms; /* without readers: when the grace is over */
    bool has_ended;   /* there is no grace for him */
    bool is_away;
    char text[AWAY_MAX + 1];
    enum presence told;
    bool was_seen; /* in another state than was told, by who asked */
    bool is_news;  /* stands in `news` */
    TAILQ_ENTRY(person) in_leaving, in_news;
    UT_hash_handle hh;
};

/* leaving is in the order of until_ms, but for those who have ended, who stand in front. */
TAILQ_HEAD(person_list, person);
struct people {
    int64_t grace_ms;
    pthread_mutex_t lock;
    struct person *persons;
    struct person_list leaving, news;
};

struct people *
people_create(int64_t grace_ms)
{
    struct people *people = xcalloc(1, sizeof(*people));

    people->grace_ms = grace_ms;
    pthread_mutex_init(&people->lock, NULL);
    TAILQ_INIT(&people->leaving);
    TAILQ_INIT(&people->news);
    return people;
}

void
people_destroy(struct people *people)
{
    struct person *person, *next;

    if (people == NULL)
        return;
    HASH_ITER(hh, people->persons, person, next)
    {
        HASH_DEL(people->persons, person);
        free(person);
    }
    pthread_mutex_destroy(&people->lock);
    free(people);
}

static struct person *
find(const struct people *people, const char *user)
{
    struct person *person;

    HASH_FIND_STR(people->persons, user, person);
    return person;
}

static struct person *
add(struct people *people, const struct identity *who)
{
    struct person *person = xcalloc(1, sizeof(*person));

    person->who = *who;
    HASH_ADD_STR(people->persons, who.name, person);
    TAILQ_INSERT_TAIL(&people->leaving, person, in_leaving);
    return person;
}

static void
note_news(struct people *people, struct person *person)
{
    if (person->is_news)
        return;
    person->is_news = true;
    TAILQ_INSERT_TAIL(&people->news, person, in_news);
}

static enum presence
state_of(const struct person *person, int64_t now_ms)
{
    if (person->reader_count == 0 && now_ms >= person->until_ms)
        return PRESENCE_OFFLINE;
    return person->is_away ? PRESENCE_AWAY : PRESENCE_ONLINE;
}

void
people_enter(struct people *people, const struct identity *who)
{
    struct person *person;

    pthread_mutex_lock(&people->lock);
    person = find(people, who->name);
    if (person == NULL)
        person = add(people, who);
    person->who = *who; /* another guest may have the name now */
    person->has_ended = false;
    if (person->reader_count++ == 0) {
        TAILQ_REMOVE(&people->leaving, person, in_leaving);
        if (person->told == PRESENCE_OFFLINE)
            note_news(people, person);
    }
    pthread_mutex_unlock(&people->lock);
}

static void
end_grace(struct people *people, struct person *person)
{
    person->until_ms = clock_mono_ms();
    TAILQ_REMOVE(&people->leaving, person, in_leaving);
    TAILQ_INSERT_HEAD(&people->leaving, person, in_leaving);
}

void
people_leave(struct people *people, const char *user)
{
    struct person *person;

    pthread_mutex_lock(&people->lock);
    person = find(people, user);
    if (--person->reader_count == 0) {
        person->until_ms = clock_mono_ms() + people->grace_ms;
        TAILQ_INSERT_TAIL(&people->leaving, person, in_leaving);
        if (person->has_ended)
            end_grace(people, person);
    }
    pthread_mutex_unlock(&people->lock);
}

void
people_end(struct people *people, const char *user)
{
    struct person *person;

    pthread_mutex_lock(&people->lock);
    person = find(people, user);
    if (person != NULL) {
        person->has_ended = true;
        if (person->reader_count == 0)
            end_grace(people, person);
    }
    pthread_mutex_unlock(&people->lock);
}

void
people_set_away(struct people *people, const char *user, const char *text)
{
    struct person *person;

    pthread_mutex_lock(&people->lock);
    person = find(people, user);
    if (person != NULL) {
        person->is_away = text != NULL;
        str_copy(person->text, sizeof(person->text), text == NULL ? "" : text);
        note_news(people, person);
    }
    pthread_mutex_unlock(&people->lock);
}

enum presence
people_find(struct people *people, const char *user, char ret_text[AWAY_MAX + 1])
{
    enum presence state = PRESENCE_OFFLINE;
    struct person *person;

    if (ret_text != NULL)
        ret_text[0] = '\0';
    pthread_mutex_lock(&people->lock);
    person = find(people, user);
    if (person != NULL) {
        state = state_of(person, clock_mono_ms());
        person->was_seen = person->was_seen || state != person->told;
    }
    if (state == PRESENCE_AWAY && ret_text != NULL)
        str_copy(ret_text, AWAY_MAX + 1, person->text);
    pthread_mutex_unlock(&people->lock);
    return state;
}

/* Those whose grace is over are news. */
static void
see_off(struct people *people, int64_t now_ms)
{
    struct person *person;

    TAILQ_FOREACH(person, &people->leaving, in_leaving)
    {
        if (person->until_ms > now_ms)
            return;
        note_news(people, person);
    }
}

static void
forget(struct people *people, struct person *person)
{
    TAILQ_REMOVE(&people->leaving, person, in_leaving);
    HASH_DEL(people->persons, person);
    free(person);
}

/* What an away says is news too, so an away is told again when it was set again. Who was here for
 * less than a round was never told to be, which is fine unless somebody asked meanwhile. */
static bool
tell(struct person *person, int64_t now_ms, struct people_change *ret_change)
{
    enum presence was = person->told, is = state_of(person, now_ms);

    if (was == is && is != PRESENCE_AWAY && !person->was_seen)
        return false;
    *ret_change = (struct people_change){.who = person->who, .was = was, .is = is};
    if (is == PRESENCE_AWAY)
        str_copy(ret_change->text, sizeof(ret_change->text), person->text);
    person->told = is;
    person->was_seen = false;
    return true;
}

size_t
people_changes(struct people *people, struct people_change *ret_changes, size_t max)
{
    int64_t now_ms = clock_mono_ms();
    struct person *person;
    size_t count = 0;

    pthread_mutex_lock(&people->lock);
    see_off(people, now_ms);
    while (count < max && (person = TAILQ_FIRST(&people->news)) != NULL) {
        TAILQ_REMOVE(&people->news, person, in_news);
        person->is_news = false;
        count += tell(person, now_ms, &ret_changes[count]);
        if (state_of(person, now_ms) == PRESENCE_OFFLINE)
            forget(people, person);
    }
    pthread_mutex_unlock(&people->lock);
    return count;
}
