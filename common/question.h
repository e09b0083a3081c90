/* Questions to the person at the controlling terminal, whatever the standard streams are. */
#pragma once

#include <stddef.h>

/* Prints prompt and reads one line without echo. 0; -ENXIO where there is no terminal, -EINTR when
 * a signal came (which is raised again), -EMSGSIZE when the line does not fit, -EPIPE at its end.
 */
int question_secret(const char *prompt, char *dst, size_t size);

/* Prints prompt and reads one line. 1 for "yes" or "y", 0 for anything else; or as above. */
int question_yes(const char *prompt);
