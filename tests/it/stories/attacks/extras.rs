//! What the numbered list adds at its end (attacks 26 to 32).
