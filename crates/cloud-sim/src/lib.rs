//! A simulated Azure on loopback: machine learning, blobs, queue, identity, Event Grid, Teams.
