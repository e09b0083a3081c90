#include "client/script_person.h"

#include "client/chat/chat.h"
#include "client/link/trust.h"
#include "common/buf.h"
#include "common/question.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORDS_ASKED 3
#define PASSWORD_SIZE   1025

static bool
helps_login(struct script_person *person, struct link *link)
{
    char password[PASSWORD_SIZE];

    if (link_status(link)->login_status != 401 || person->asked_count == PASSWORDS_ASKED)
        return false;

    person->asked_count++;
    char *prompt = xasprintf("Password of %s: ", link_user(link));
    int result = question_secret(prompt, password, sizeof(password));
    free(prompt);
    if (result == 0)
        link_retry_login(link, link_user(link), password);
    else
        fprintf(stderr, "rtchat-client: %s is registered: give --password-file=FILE\n",
                link_user(link));
    explicit_bzero(password, sizeof(password));
    return result == 0;
}

static void
add_report(struct buf *out, const struct trust_report *report)
{
    char shown[FINGERPRINT_SHOWN_SIZE];

    buf_addf(out, "certificate: %s\n", report->why);
    buf_addf(out, "it names:    %s\n", report->names[0] != '\0' ? report->names : "nobody");
    fingerprint_show(shown, report->got);
    buf_addf(out, "fingerprint: %s\n", shown);
    fingerprint_show(shown, report->wanted);
    if (shown[0] != '\0')
        buf_addf(out, "wanted:      %s\n", shown);
}

static bool
helps_unknown(struct link *link, const struct trust_report *report)
{
    struct buf text = BUF_INIT;
    char shown[FINGERPRINT_SHOWN_SIZE];

    add_report(&text, report);
    fingerprint_show(shown, report->got);
    buf_add_str(&text, "Compare the fingerprint with the one that the server printed. Believe it "
                       "from now on? [yes/no] ");
    int answer = question_yes(buf_text(&text));
    buf_fini(&text);
    if (answer == 1)
        link_trust_yes(link);
    else if (answer < 0)
        fprintf(stderr, "rtchat-client: nobody can be asked: --fingerprint=%s believes it\n",
                shown);

    return answer == 1;
}

static void
tell_distrust(const struct trust_report *report)
{
    struct buf text = BUF_INIT;

    add_report(&text, report);
    if (report->fault == TRUST_CHANGED)
        buf_add_str(&text,
                    "The certificate is not the one that is believed. Somebody may be in "
                    "between; if the server was set up anew, --fingerprint=SHA256 says so.\n");
    fputs(buf_text(&text), stderr);
    buf_fini(&text);
}

static bool
helps_trust(struct link *link)
{
    const struct trust_report *report = link_trust_report(link);

    if (report == NULL)
        return false;
    if (report->fault == TRUST_UNKNOWN)
        return helps_unknown(link, report);

    tell_distrust(report);
    return false;
}

bool
script_person_helps(struct script_person *person, struct chat *chat)
{
    struct link *link = chat_link(chat);

    switch (link_status(link)->fault) {
    case LINK_FAULT_LOGIN: return helps_login(person, link);
    case LINK_FAULT_CERTIFICATE: return helps_trust(link);
    case LINK_FAULT_PROTOCOL:
    case LINK_FAULT_NONE: return false;
    }

    return false;
}
