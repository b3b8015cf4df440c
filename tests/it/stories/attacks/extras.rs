//! What the numbered list adds at its end (attacks 26 to 28, 31 and 32).
