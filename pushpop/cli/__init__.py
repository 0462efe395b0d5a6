"""The program `pushpop`: one module a command, torch imported only inside them."""
