//! `serve`: who may come in, and how often.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args as ClapArgs;
use ipnet::IpNet;

use crate::domain::RateLimit;
use crate::settings::parse_duration;

/// Who may come in, and how often.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Access and limits")]
pub struct AccessArgs {
    /// Ask every caller for an API key (`qwenctl keys create`), also those on this machine
    #[arg(long)]
    pub require_key: bool,
    /// How long a session lasts that was begun with `POST /api/login`
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1h")]
    pub session_time: Duration,
    /// How often a caller may ask, such as "100 per day"; per key, else account, else address; repeatable
    #[arg(long, value_name = "LIMIT")]
    pub rate_limit: Vec<RateLimit>,
    /// How often a caller may send a prompt, such as "20 per minute"; repeatable
    #[arg(long, value_name = "LIMIT")]
    pub rate_limit_send: Vec<RateLimit>,
    /// Believe the proxy at this address or network when it says for whom it asks (`X-Forwarded-For`,
    /// `Forwarded`); without a value those on this machine; repeatable
    #[arg(long, value_name = "NETWORK", num_args = 0..=1, require_equals = true, default_missing_value = "loopback", value_parser = proxy)]
    pub trust_proxy: Vec<Proxy>,
    /// How many requests are worked on at a time; more wait
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub max_inflight: Option<usize>,
    /// How many requests may wait for `--max-inflight`; more are refused with 503
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub max_queue: usize,
}

/// Proxies that are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// Those on this machine.
    Loopback,
    /// Those in a network.
    Network(IpNet),
}

impl Proxy {
    /// The networks that are meant.
    pub fn networks(&self) -> Vec<IpNet> {
        match self {
            Self::Network(network) => vec![*network],
            Self::Loopback => {
                let known = ["127.0.0.0/8", "::1/128"].iter();
                known.filter_map(|network| network.parse().ok()).collect()
            }
        }
    }
}

fn proxy(text: &str) -> Result<Proxy, String> {
    if text == "loopback" {
        return Ok(Proxy::Loopback);
    }
    let network = text.parse::<IpNet>().ok();
    let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network
        .map(Proxy::Network)
        .ok_or_else(|| "must be an address or a network, such as 10.0.0.1 or 10.0.0.0/8".to_owned())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "must be a whole number from 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_addresses_networks_or_this_machine() {
        let networks = |text: &str| -> Vec<String> {
            let proxy = proxy(text).expect(text);
            proxy.networks().iter().map(ToString::to_string).collect()
        };
        assert_eq!(networks("loopback"), ["127.0.0.0/8", "::1/128"]);
        assert_eq!(networks("10.0.0.0/8"), ["10.0.0.0/8"]);
        assert_eq!(networks("10.1.2.3"), ["10.1.2.3/32"]);
        assert_eq!(networks("2001:db8::1"), ["2001:db8::1/128"]);
        assert!(proxy("proxy.example").is_err() && proxy("10.0.0.0/64").is_err());
    }
}
