//! A database that wants passwords and speaks TLS.

use std::net::Ipv4Addr;

use till_sandbox::{Certificate, certificate, postgres};

use crate::fleet::Fleet;

const PASSWORD: &str = "hunter2 ?&/%@:é";

/// Makes a server that does both.
fn locked() -> (postgres::Server, String) {
    let server = postgres::Server::start(false).unwrap();
    let made = certificate((Ipv4Addr::LOCALHOST, 0).into(), "database").unwrap();
    let Certificate { ca_pem, chain_pem, key_pem } = made;
    let write = |text: &str, file: &str| {
        let rows = format!("SELECT unnest(string_to_array($${text}$$, E'\\n'))");
        let sql = format!("COPY ({rows}) TO PROGRAM 'umask 077; cat > {file}'");
        server.sql("postgres", &sql).unwrap();
    };
    write(chain_pem.trim_end(), "server.crt");
    write(key_pem.trim_end(), "server.key");
    write("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256", "pg_hba.conf");
    for sql in [
        &format!("ALTER ROLE postgres PASSWORD '{PASSWORD}'"),
        "ALTER SYSTEM SET ssl = on",
        "SELECT pg_reload_conf()",
    ] {
        server.sql("postgres", sql).unwrap();
    }
    (server, ca_pem)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_comes_from_a_file_or_the_environment_and_tls_is_checked() {
    let (server, ca_pem) = locked();
    let folder = tempfile::tempdir().unwrap();
    let (ca, secret) = (folder.path().join("ca.pem"), folder.path().join("secret"));
    std::fs::write(&ca, ca_pem).unwrap();
    std::fs::write(&secret, format!("{PASSWORD}\n")).unwrap();
    let file = format!("database_password_file = \"{}\"", secret.display());
    let fleet = Fleet::start(1, &server, "", &file).await;
    let tls = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
               WHERE s.ssl AND a.application_name LIKE 'till-gateway%'";
    assert_eq!(server.sql("postgres", tls).unwrap(), "5", "every connection is in TLS");
    let check = |more: &str, password: Option<&str>| {
        let url = format!("{}{more}", fleet.url);
        let bare = folder.path().join("bare.toml");
        std::fs::write(&bare, fleet.bank.till_config()).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_till-gateway"));
        command.args(["token", "list", "--database", &url, "--config"]).arg(&bare);
        command.envs(password.map(|password| ("PGPASSWORD", password)));
        let done = command.output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let roots = format!("&sslrootcert={}", ca.display());
    assert_eq!(check("", Some(PASSWORD)).0, Some(0));
    assert_eq!(
        check(&format!("?sslmode=require{roots}"), Some(PASSWORD)),
        (Some(0), String::new())
    );
    assert_eq!(check(&format!("?sslmode=verify-full{roots}"), Some(PASSWORD)).0, Some(0));
    assert_eq!(check("?sslmode=disable", Some(PASSWORD)).0, Some(0));
    for (more, password, told) in [
        ("?sslmode=require", Some(PASSWORD), "sslrootcert"),
        ("?sslmode=maybe", Some(PASSWORD), "sslmode is one of"),
        ("?sslmode=require&sslrootcert=/nowhere.pem", Some(PASSWORD), "/nowhere.pem"),
        ("", Some("hunter3"), "does not let this user in"),
        ("", None, "password"),
    ] {
        let (status, text) = check(more, password);
        assert_eq!((status, text.lines().count()), (Some(6), 1), "{more}: {text}");
        assert!(text.contains(told) && !text.contains("hunter"), "{more}: {text}");
    }
}
