/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The terminal on which `qom top` repeats its tables in place. */
#ifndef QOM_TOOLS_TOP_SCREEN_H
#define QOM_TOOLS_TOP_SCREEN_H

#include <stdbool.h>
#include <termios.h>

typedef struct TopScreen {
    bool is_open;

    /* private: */
    bool has_keys; /* stdin is a terminal, whose modes are in `saved` */
    struct termios saved;
} TopScreen;

/*
 * top_screen_open: takes the terminal, if stdout is one that can move its
 * cursor.  Keys are read without waiting for the end of a line, and a change of
 * the size interrupts poll().
 */
void top_screen_open(TopScreen *screen);

/* top_screen_close: gives the terminal back as it was. */
void top_screen_close(TopScreen *screen);

/* top_screen_resume: takes the terminal again after poll() was interrupted. */
void top_screen_resume(TopScreen *screen);

/* top_screen_get_size: stores the number of characters of a line, and lines */
void top_screen_get_size(int *width, int *height);

/**
 * top_screen_show: shows a text in place of the last one
 * @text: lines, not more and not longer than fit
 *
 * Returns: as output_text()
 */
int top_screen_show(const char *text);

/* top_screen_get_key_fd: returns what to poll() for keys; -1 if there are none
 */
int top_screen_get_key_fd(const TopScreen *screen);

/* top_screen_read_key: returns a key that was pressed; 0 at the end of input */
char top_screen_read_key(TopScreen *screen);

#endif
