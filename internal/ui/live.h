/* live.h - what the files of ui/ share; for no one else */
#ifndef UI_LIVE_H
#define UI_LIVE_H
#include "ui/ui.h"

/* ui.c */
void ui_write_err(struct ui *ui, struct str s);
/* 80 and 24 where it is not known; at least 3 rows. */
void ui_terminal_size(int fd, int *columns, size_t *rows);
bool ui_can_move(void);

/* live.c: around something that is printed where live lines are on the screen */
void ui_erase_live(struct ui *ui);
/* Drawn again behind whole lines only: behind others is no place for them. */
void ui_restore_live(struct ui *ui, struct str before);
/* s, and what makes room for it and draws them again. */
void ui_add_above_live(struct strbuf *b, struct ui *ui, struct str s);
#endif
