"""The client against real servers on loopback: good ones, slow ones, lying ones."""
