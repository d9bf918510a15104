//! A real PostgreSQL in a temporary folder, for tests and measurements.
//!
//! It ends with the process that started it, however that ends, and takes its folder with it.

use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Runs the server until its input ends; then it is ended at once, and its folder is removed unless
/// the word was to keep it.
const GUARD: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" >>"$2/log" 2>&1 & pid=$!
read -r word
kill -QUIT $pid 2>/dev/null
wait $pid
[ "$word" = keep ] || rm -rf "$2"
"#;

/// How often a server that starts is asked whether it is there, with 50 ms between.
const TRIES: u32 = 1_200;

/// Is a PostgreSQL server of its own.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    owner: Option<(u32, u32)>,
    guard: Option<(Child, ChildStdin)>,
    databases: AtomicU32,
}

impl Server {
    /// Makes a server and starts it; `durable`: with fsync, as in earnest.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start(durable: bool) -> io::Result<Self> {
        Self::start_in(&std::env::temp_dir(), durable)
    }

    /// Makes a server whose files are in this folder, and starts it.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start_in(place: &Path, durable: bool) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let programs = programs()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("till-postgres-{}-{number}", std::process::id());
        let folder = place.canonicalize()?.join(name);
        let _of_an_earlier_process = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder)?;
        let owner = owner()?;
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let databases = AtomicU32::new(0);
        let mut server = Self { folder, programs, port, owner, guard: None, databases };
        server.make(durable)?;
        server.start_again()?;
        Ok(server)
    }

    /// Makes a new, empty database; gives its address.
    ///
    /// # Errors
    /// The server does not run.
    pub fn database(&self) -> io::Result<String> {
        let name = format!("till{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(
            "postgres",
            &format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"),
        )?;
        Ok(self.address(&name))
    }

    /// Gives the path of one of PostgreSQL's programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Gives the address of a database.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements in a database; gives what they say, a line for each row.
    ///
    /// # Errors
    /// The server does not run, or refuses them.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        let mut command = self.command("psql");
        command.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string()]);
        command.args(["-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAtc", sql]);
        let done = command.stdin(Stdio::null()).output()?;
        if !done.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
    }

    /// Ends the server as a power cut would: its processes are killed.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> io::Result<()> {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let pid = file.lines().next().unwrap_or_default();
        let done = Command::new("kill").args(["-KILL", pid]).status()?;
        if !done.success() {
            return Err(io::Error::other("the server could not be killed"));
        }
        self.end("keep\n")
    }

    /// Ends the server in order.
    ///
    /// # Errors
    /// It does not run.
    pub fn stop(&mut self) -> io::Result<()> {
        let data = self.folder.join("data");
        let mut command = self.command("pg_ctl");
        command.args(["stop", "-m", "fast", "-w", "-D"]).arg(data);
        run(&mut command)?;
        self.end("keep\n")
    }

    /// Starts the server that was ended.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_again(&mut self) -> io::Result<()> {
        let mut begun = self.launch()?;
        for _ in 0..TRIES {
            if self.sql("postgres", "SELECT 1").is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
            // The processes of a server that was killed end by themselves, a moment later.
            if self.log().get(begun..).is_some_and(|log| log.contains("pre-existing shared memory"))
            {
                self.end("keep\n")?;
                begun = self.launch()?;
            }
        }
        Err(io::Error::other(format!("PostgreSQL does not start: {}", self.log())))
    }

    /// Starts its process; gives how long the log was before.
    fn launch(&mut self) -> io::Result<usize> {
        let begun = self.log().len();
        let mut command = self.as_owner("sh");
        command.args(["-c", GUARD, "sh"]).arg(&self.programs).arg(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let word = child.stdin.take().ok_or_else(|| io::Error::other("no pipe"))?;
        self.guard = Some((child, word));
        Ok(begun)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn make(&self, durable: bool) -> io::Result<()> {
        let data = self.folder.join("data");
        let mut command = self.command("initdb");
        command.args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync"]);
        run(command.arg("-D").arg(&data))?;
        let settings = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nmax_connections = 200\nfsync = {}\n\
             shared_buffers = '64MB'\n",
            self.port,
            if durable { "on" } else { "off" },
        );
        let mut file =
            std::fs::OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
        file.write_all(settings.as_bytes())
    }

    fn command(&self, program: &str) -> Command {
        self.as_owner(self.programs.join(program))
    }

    fn as_owner(&self, program: impl AsRef<Path>) -> Command {
        let mut command = match self.owner {
            None => Command::new(program.as_ref()),
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
                command.arg("--clear-groups").arg(program.as_ref());
                command
            }
        };
        command.current_dir(&self.folder).env("LC_ALL", "C");
        command
    }

    /// Lets the guard end, with what it still has to know.
    fn end(&mut self, word: &str) -> io::Result<()> {
        let Some((mut child, mut pipe)) = self.guard.take() else { return Ok(()) };
        let _ended_already = pipe.write_all(word.as_bytes());
        drop(pipe);
        child.wait().map(|_| ())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.end("\n");
        let _gone_already = std::fs::remove_dir_all(&self.folder);
    }
}

/// Finds the newest PostgreSQL of the system.
fn programs() -> io::Result<PathBuf> {
    let is_there = |folder: &PathBuf| folder.join("initdb").exists();
    // Debian keeps them by version, and off the path.
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin"));
    let newest = found.filter(is_there).max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest = newest.or_else(|| std::env::split_paths(&path).find(is_there));
    newest.ok_or_else(|| io::Error::other("PostgreSQL is not installed: apt install postgresql"))
}

/// Gives the user who may run a server, if it is not this one: PostgreSQL does not run as root.
fn owner() -> io::Result<Option<(u32, u32)>> {
    let id = |option: &str, user: Option<&str>| {
        let done = Command::new("id").arg(option).args(user).output()?;
        let text = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        text.parse::<u32>().map_err(|_| io::Error::other("no user for PostgreSQL"))
    };
    if id("-u", None)? != 0 {
        return Ok(None);
    }
    let user = ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((id("-u", Some(user)).ok()?, id("-g", Some(user)).ok()?)));
    user.map(Some).ok_or_else(|| io::Error::other("no user for PostgreSQL"))
}

fn run(command: &mut Command) -> io::Result<()> {
    let done = command.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()))
}
