/* ipvsadm's command line. */
#ifndef COMMAND_H
#define COMMAND_H

/* An exit code; dies 100 on misuse. */
int command(int argc, char **argv);

extern const char command_usage[];

#endif
