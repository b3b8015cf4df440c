//! The effects at a batch endpoint: one file for each that differs there. Its default deployment stands for all of the
//! traffic: who is it serves, and to make another one the default is to move the traffic.

mod default;
mod deployment;
mod endpoint;
mod result;
mod target;
mod test_job;
