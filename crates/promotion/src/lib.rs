//! The pure core: what may happen to a promotion, decided without IO.
