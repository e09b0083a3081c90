/* How a row fills a page. The caller's side is in store.h. */
#pragma once

#include "server/log/store.h"

void store_page_add(struct store_page *page, struct entry *entry); /* takes the reference */
void store_page_reverse(struct store_page *page);
