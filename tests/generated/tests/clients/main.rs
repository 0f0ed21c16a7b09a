//! Generated clients against generated servers, in process and over sockets: what the client
//! writes the server reads, and the other way round.

#[path = "../support/instances.rs"]
mod instances;
mod world;

mod bodies;
mod faults;
mod parameters;
mod readme;
mod responses;
mod security;
mod texts;
mod values;
