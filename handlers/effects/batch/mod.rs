//! What the effects have of their own at a batch endpoint; what they have in common with an online one is asked in `found.rs`. Its default deployment stands for all of the
//! traffic: who is it serves, and to make another one the default is to move the traffic.

mod deployment;
mod result;
mod target;
mod test_job;

pub(super) use deployment::batch_wire;
