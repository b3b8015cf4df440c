//! The configuration as its users meet it: a folder of files in, a report or routes out.

mod analyses;
mod automatic;
mod batch;
mod collected;
mod custom_code;
mod fine;
mod http;
mod keys;
mod kubernetes;
mod load;
mod lookups;
mod problems;
mod sample;
mod sentences;
mod shadow;
mod teams;
mod windows;
