//! Which addresses a metric may be asked of: what a name resolves to is judged where it is asked, one that is written down here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Azure's own services for a machine, beside the link-local ones (Microsoft's page on this address; from memory, not verified).
const PLATFORM: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// Whether an address may be asked: not a link-local one, where clouds tell a machine its secrets, nor one that is nobody's.
pub(crate) fn may_be_asked(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !(address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
                || address == PLATFORM)
        }
        IpAddr::V6(address) => match within(address) {
            Some(address) => may_be_asked(address.into()),
            None => {
                !(address.is_unicast_link_local()
                    || address.is_unspecified()
                    || address.is_multicast())
            }
        },
    }
}

/// The IPv4 address that one of IPv6 stands for: mapped, or by NAT64's well-known prefix.
fn within(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let by_nat64 = || match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    };
    address.to_ipv4_mapped().or_else(by_nat64)
}
