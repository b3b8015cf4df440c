//! What people read, held as text: one promotion told as a story, then every card and page of it.

mod approval_page;
mod batch;
mod board_page;
mod bot_cards;
mod calls;
mod cards;
mod chart;
mod custom_code;
mod drift;
mod freezes;
mod golden;
mod hostile;
mod measured_history;
mod measuring;
mod no_way_back;
mod overriding;
mod paused;
mod promotion_page;
mod quorums;
mod reading;
mod rollouts;
mod story;
mod unsure;
mod what_if;
mod words;
mod world;
