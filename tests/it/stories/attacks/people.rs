//! Who somebody is and what time it is: expiry, clocks, principals, the directory, other sites (attacks 17 to 22).
