//! What goes wrong by itself, or by what a text holds (attacks 23 to 25).
