//! The ways to the banks, and what reads their pushes and callbacks.

use till_config::Config;
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportSettings};
use till_sandbox::Server;

use crate::trouble::Trouble;

/// Is what the gateway knows of its banks.
#[derive(Debug)]
pub(crate) struct Banks {
    pub(crate) lines: Vec<Line>,
    pub(crate) octo: Option<Octo>,
    pub(crate) ecommpay: Option<Ecommpay>,
}

impl Banks {
    /// Makes the ways to the configured banks.
    pub(crate) fn configured(config: &Config) -> Result<Self, Trouble> {
        let mut banks = Self { lines: Vec::new(), octo: None, ecommpay: None };
        if let Some(octo) = &config.octo {
            banks.add_octo(octo.settings.clone(), octo.extra_roots_pem.clone(), octo.own_ip)?;
        }
        if let Some(ecommpay) = &config.ecommpay {
            let roots = ecommpay.extra_roots_pem.clone();
            banks.add_ecommpay(ecommpay.settings.clone(), roots, ecommpay.own_ip)?;
        }
        if banks.lines.is_empty() {
            let file = config.file.display();
            let text = format!("{file}: no acquirer: write a section [octo] or [ecommpay]");
            return Err(Trouble::NotConfigured(text));
        }
        Ok(banks)
    }

    /// Makes the ways to the embedded banks.
    pub(crate) fn sandbox(server: &Server) -> Result<Self, Trouble> {
        let mut banks = Self { lines: Vec::new(), octo: None, ecommpay: None };
        let (client_id, secret) = {
            let bank = server.bank();
            let bank = bank.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let behaviour = bank.behaviour();
            (behaviour.client_id.clone(), behaviour.client_secret.clone())
        };
        let settings = OctoSettings::new(
            server.base_url(),
            client_id,
            Secret::new(secret),
            "208800000000000001",
            "UZ",
        );
        let roots = server.ca_pem().as_bytes().to_vec();
        banks.add_octo(settings, Some(roots.clone()), true)?;
        let (project_id, secret) = {
            let platform = server.platform();
            let platform = platform.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let behaviour = platform.behaviour();
            (behaviour.project_id, behaviour.secret.clone())
        };
        let mut settings = EcommpaySettings::new(project_id, Secret::new(secret));
        server.base_url().clone_into(&mut settings.gate_url);
        settings.payment_page_url = server.payment_page_url();
        settings.test_project = true;
        banks.add_ecommpay(settings, Some(roots), true)?;
        Ok(banks)
    }

    fn add_octo(
        &mut self,
        mut settings: OctoSettings,
        extra_roots_pem: Option<Vec<u8>>,
        own_ip: bool,
    ) -> Result<(), Trouble> {
        let agent = settings.user_agent.clone();
        let transport = way("octo", &settings.base_url, agent, extra_roots_pem)?;
        if own_ip && let Some(ip) = transport.local_ip() {
            settings.client_ip = ip;
        }
        let rail = Octo::new(settings).map_err(|wrong| Trouble::NotConfigured(wrong.join("; ")))?;
        self.octo = Some(rail.clone());
        self.lines.push(Line { rail: Box::new(rail), transport });
        Ok(())
    }

    fn add_ecommpay(
        &mut self,
        mut settings: EcommpaySettings,
        extra_roots_pem: Option<Vec<u8>>,
        own_ip: bool,
    ) -> Result<(), Trouble> {
        let agent = concat!("till/", env!("CARGO_PKG_VERSION")).to_owned();
        let transport = way("ecommpay", &settings.gate_url, agent, extra_roots_pem)?;
        if own_ip && let Some(ip) = transport.local_ip() {
            settings.customer.ip_address = ip;
        }
        let rail = Ecommpay::new(settings);
        let rail = rail.map_err(|wrong| Trouble::NotConfigured(wrong.join("; ")))?;
        self.ecommpay = Some(rail.clone());
        self.lines.push(Line { rail: Box::new(rail), transport });
        Ok(())
    }
}

fn way(
    section: &str,
    base_url: &str,
    user_agent: String,
    extra_roots_pem: Option<Vec<u8>>,
) -> Result<Transport, Trouble> {
    let base_url = base_url.to_owned();
    let wanted = TransportSettings { base_url, extra_roots_pem, proxy: None, user_agent };
    Transport::new(&wanted).map_err(|error| Trouble::NotConfigured(format!("{section}: {error}")))
}
