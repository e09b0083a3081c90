/* What a person is asked or told when the way to the server needs one. */
#include "client/ui/ui_parts.h"

#include <string.h>
#include <strings.h>

#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/names.h"

static const char *
url_of(const struct ui *ui)
{
    return ui->config.url != NULL ? ui->config.url : CLIENT_DEFAULT_URL;
}

/* Nothing answers on the default URL: where is the server? */

static void ask_server(struct ui *ui, const char *url, const char *user, const char *why);

static void
server_told(void *context, const struct overlay *overlay, bool yes)
{
    struct ui *ui = context;
    const char *typed_url = overlay_value(overlay, 0), *typed_user = overlay_value(overlay, 1);
    char why[200] = "", user[USER_SIZE] = "";
    struct url url;

    if (!yes)
        return;

    name_lower(user, sizeof(user), strlen(typed_user) < sizeof(user) ? typed_user : "");
    const char *fault = user_name_fault(user);
    if (url_parse(typed_url, &url, why, sizeof(why)) != 0)
        ask_server(ui, typed_url, typed_user, why);
    else if (fault != NULL)
        ask_server(ui, typed_url, typed_user, fault);
    else
        ui_restart_chat(ui, typed_url, user);
}

static void
ask_server(struct ui *ui, const char *url, const char *user, const char *why)
{
    struct buf text = BUF_INIT;

    buf_addf(&text,
             "Nothing answers on %s.\n%s\n\nWhich server shall it be, and what do you want to be "
             "called there? A server of one's own is started with rtchat-server.",
             CLIENT_DEFAULT_URL, why);
    overlay_open(&ui->overlay, OVERLAY_FORM, &ui->theme, "Welcome to rtchat", buf_text(&text));
    overlay_add_field(&ui->overlay, "Server:", url, false);
    overlay_add_field(&ui->overlay, "Nick:  ", user, false);
    ui->overlay.done = server_told;
    ui->overlay.context = ui;
    buf_fini(&text);
}

void
ask_where(struct ui *ui, const struct link_status *status)
{
    if (ui->given_url || ui->asked_assistant || status->reconnects > 0 ||
        ui->overlay.kind != OVERLAY_NONE)
        return;

    ui->asked_assistant = true;
    ask_server(ui, CLIENT_DEFAULT_URL, ui->config.user, status->why);
}

/* The server wants to know better who one is. */

static void
login_told(void *context, const struct overlay *overlay, bool yes)
{
    struct ui *ui = context;
    const char *password = overlay_value(overlay, 1);
    char user[USER_SIZE] = "";

    if (!yes) {
        ui_notice(ui, "not logged in; /reconnect asks again");
        return;
    }

    const char *typed = overlay_value(overlay, 0);
    name_lower(user, sizeof(user), strlen(typed) < sizeof(user) ? typed : "");
    link_retry_login(chat_link(ui->chat), user, *password != '\0' ? password : NULL);
}

void
ask_login(struct ui *ui, const struct link_status *status)
{
    struct buf text = BUF_INIT;

    buf_addf(&text, "%s says: %s\n\nWithout a password one comes as a guest.", url_of(ui),
             status->why);
    overlay_open(&ui->overlay, OVERLAY_FORM, &ui->theme, "Log in", buf_text(&text));
    overlay_add_field(&ui->overlay, "User:    ", link_user(chat_link(ui->chat)), false);
    overlay_add_field(&ui->overlay, "Password:", "", true);
    ui->overlay.focus = 1;
    ui->overlay.done = login_told;
    ui->overlay.context = ui;
    buf_fini(&text);
}

/* Whom one talks to is not certain. */

static void
trust_told(void *context, const struct overlay *overlay, bool yes)
{
    struct ui *ui = context;
    const char *answer = overlay_value(overlay, 0);

    if (yes && (strcasecmp(answer, "yes") == 0 || strcasecmp(answer, "y") == 0))
        link_trust_yes(chat_link(ui->chat));
    else
        ui_notice(ui, "not connected: the certificate is not trusted; /reconnect asks again");
}

/* In two rows of 16 bytes. */
static void
add_fingerprint(struct buf *out, const char *what, const char *fingerprint)
{
    char shown[FINGERPRINT_SHOWN_SIZE];

    fingerprint_show(shown, fingerprint);
    buf_addf(out, "SHA-256 %s\n%.47s\n%s\n", what, shown, shown + 48);
}

static void
add_report(struct ui *ui, struct buf *out, const struct trust_report *report)
{
    struct url url = {0};
    char why[200];

    if (url_parse(url_of(ui), &url, why, sizeof(why)) != 0)
        url.host[0] = '\0';
    buf_addf(out, "\nname wanted  %s\nname shown   %s\n", url.host, report->names);
    if (report->wanted[0] != '\0')
        add_fingerprint(out, "wanted", report->wanted);
    if (report->got[0] != '\0')
        add_fingerprint(out, "shown", report->got);
    buf_addf(out, "fault        %s\n", report->why);
}

static void
ask_trust(struct ui *ui, const struct trust_report *report)
{
    struct buf text = BUF_INIT;

    buf_addf(&text, "The certificate of %s does not verify, and it is not known here yet.\n",
             url_of(ui));
    add_report(ui, &text, report);
    buf_add_str(&text, "\nIs the fingerprint the one that the server printed when it was started "
                       "first? Then it can be trusted from now on.");
    overlay_open(&ui->overlay, OVERLAY_FORM, &ui->theme, "Unknown certificate", buf_text(&text));
    /* A word: a key that was meant for a message must not be an answer. */
    overlay_add_field(&ui->overlay, "Trust it (yes or no)?", "", false);
    ui->overlay.done = trust_told;
    ui->overlay.context = ui;
    buf_fini(&text);
}

static void
tell_distrust(struct ui *ui, const struct trust_report *report)
{
    bool changed = report->fault == TRUST_CHANGED;
    struct buf text = BUF_INIT;

    buf_addf(&text, "%s %s. Nothing was sent, and nothing will be.\n",
             changed ? "This is not the certificate that is known of"
                     : "Not trusted is the certificate of",
             url_of(ui));
    add_report(ui, &text, report);
    buf_add_str(&text, changed ? "\nEither the server has a new one, or somebody stands between. "
                                 "Ask who runs it; if the new one is right, say so with "
                                 "--fingerprint=SHA256."
                               : "\nIt has to verify by --ca-file=FILE and be for that name. "
                                 "Where it is known to be good, say so with "
                                 "--fingerprint=SHA256 and without --ca-file.");
    overlay_open(&ui->overlay, OVERLAY_TEXT, &ui->theme, "Certificate refused", buf_text(&text));
    buf_fini(&text);
}

void
ask_certificate(struct ui *ui)
{
    const struct trust_report *report = link_trust_report(chat_link(ui->chat));

    if (report == NULL)
        return;
    if (report->fault == TRUST_UNKNOWN)
        ask_trust(ui, report);
    else
        tell_distrust(ui, report);
}

void
tell_stranger(struct ui *ui, const struct link_status *status)
{
    struct buf text = BUF_INIT;

    buf_addf(&text, "What answers on %s is no rtchat server: %s", url_of(ui), status->why);
    overlay_open(&ui->overlay, OVERLAY_TEXT, &ui->theme, "No rtchat server", buf_text(&text));
    buf_fini(&text);
}

void
ask_no_more(struct ui *ui)
{
    if (ui->overlay.done == server_told || ui->overlay.done == login_told)
        overlay_fini(&ui->overlay);
}
