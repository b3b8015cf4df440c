//! What people read, held as text: one promotion told as a story, then every card and page of it.

mod cards;
mod hostile;
mod pages;
mod reading;
mod story;
mod words;
