/* What carries a link, as it runs: for whoever writes down how something was measured. */
#pragma once

/* Calls tell for each library; both strings live for the call. */
void link_versions(void (*tell)(void *context, const char *name, const char *version),
                   void *context);
