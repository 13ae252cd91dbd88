"""Files from other hosts: where a download may go, how it waits and goes on, and when a file is whole."""
