#!/usr/bin/env bash
# Installs what is missing of Debian's packages for the tests and benchmarks, and starts what does not run:
# PostgreSQL on localhost:5432, RabbitMQ on localhost:5672, pgbench and wrk. Servers that already answer are left alone.
set -euo pipefail

usage() {
    cat <<'END'
Usage: deploy/local-servers.sh [--check]

Makes sure that this machine (Debian or Ubuntu) has, and runs:
  PostgreSQL   on localhost:5432, with a role that the tests can log in with over TCP
  RabbitMQ     on localhost:5672, account guest/guest
  pgbench, wrk for `make bench`

  --check   changes nothing; says what is missing and exits with 1 if anything is
  --help    this text

It may be run as often as you like. It never stops or restarts a server. Installing and starting take root (try sudo).

The tests log in to PostgreSQL as postgres without a password where the server trusts local TCP connections. Where it asks for
passwords, as a fresh installation does, the role xinhuo_test (password xinhuo_test; may create databases and roles) is made and
the tests find it by themselves. For other servers set XINHUO_DATABASE_URL and XINHUO_AMQP_URL instead of running this script.
END
}

check=false
for argument in "$@"; do
    case "$argument" in
        --check) check=true ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

test_role=xinhuo_test
seconds=120

say() { printf 'local-servers: %s\n' "$*"; }
fail() { printf 'local-servers: %s\n' "$*" >&2; exit 1; }
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

newest() { # a binary of the newest installed PostgreSQL; Debian keeps most of them out of PATH
    local found
    found=$(find /usr/lib/postgresql -path "*/bin/$1" 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] && echo "$found"
}

has() {
    case "$1" in
        postgresql) newest postgres >/dev/null ;;
        rabbitmq-server) command -v rabbitmq-server >/dev/null || [ -x /usr/sbin/rabbitmq-server ] ;;
        postgresql-contrib) newest pgbench >/dev/null || command -v pgbench >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing_packages() {
    local package
    for package in postgresql rabbitmq-server postgresql-contrib wrk; do
        has "$package" || echo "$package"
    done
}

login() { # login ROLE [PASSWORD]: does this role get in over TCP?
    PGPASSWORD="${2-}" PGCONNECT_TIMEOUT=5 \
        psql --no-psqlrc --no-password -h 127.0.0.1 -p 5432 -U "$1" -d postgres -qtAc 'select 1' >/dev/null 2>&1
}

postgres_usable() { login postgres || login "$test_role" "$test_role"; }

rabbit_answers() { # RabbitMQ greets only who speaks first: send the protocol's header and look for a frame (type 1)
    local first
    exec 3<>/dev/tcp/127.0.0.1/5672 || return 1
    printf 'AMQP\0\0\11\1' >&3
    first=$(timeout 5 head -c 1 <&3 | od -An -tu1 | tr -d ' ')
    exec 3>&-
    [ "$first" = 1 ]
} 2>/dev/null

wait_for() { # wait_for NAME COMMAND...
    local name=$1 end=$((SECONDS + seconds))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "$name does not answer after $seconds s"
        sleep 0.5
    done
}

# Without systemd (in a container) `service` runs the init script.
start_service() {
    if [ -d /run/systemd/system ]; then systemctl start "$1"; else service "$1" start; fi
}

# The second way only where the first one fails: a server that is still on its way up must not be started twice.
start_postgres() { start_service postgresql || start_debian_cluster; }
start_rabbit() { start_service rabbitmq-server || rabbitmq-server -detached; }

start_debian_cluster() {
    pg_lsclusters --no-header | while read -r version cluster port status _; do
        if [ "$port" = 5432 ] && [ "$status" = down ]; then pg_ctlcluster "$version" "$cluster" start; fi
    done
}

make_test_role() {
    su postgres -c 'psql --no-psqlrc -q -v ON_ERROR_STOP=1 -p 5432 -d postgres' <<END
DO \$\$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$test_role') THEN
        CREATE ROLE $test_role;
    END IF;
END \$\$;
ALTER ROLE $test_role LOGIN CREATEDB CREATEROLE PASSWORD '$test_role';
END
}

packages=$(missing_packages | xargs)

if $check; then
    troubles=0
    trouble() { say "$*"; troubles=1; }
    [ -z "$packages" ] || trouble "not installed: $packages"
    if port_open 5432; then
        postgres_usable || trouble "PostgreSQL answers on localhost:5432, but no role is there that the tests can log in with"
    else
        trouble "nothing answers on localhost:5432 (PostgreSQL)"
    fi
    rabbit_answers || trouble "no RabbitMQ answers on localhost:5672"
    [ "$troubles" = 1 ] || say "nothing is missing"
    exit "$troubles"
fi

need_root() { # need_root WHAT
    [ "$(id -u)" = 0 ] || fail "to $1, run this script as root: sudo $0"
}

if [ -n "$packages" ]; then
    need_root "install $packages"
    command -v apt-get >/dev/null || fail "not installed: $packages; this machine has no apt-get, install them in its own way"
    say "installing $packages"
    export DEBIAN_FRONTEND=noninteractive
    install() { apt-get install -y --no-install-recommends $packages; }
    # The lists of a fresh image are empty or old: bring them up to date only when they do not do.
    install || { apt-get update && install; } || fail "apt-get could not install $packages"
    say "installed $packages"
fi

if port_open 5432; then
    say "PostgreSQL already runs on localhost:5432"
else
    need_root "start PostgreSQL"
    say "starting PostgreSQL"
    start_postgres
fi
wait_for PostgreSQL port_open 5432

if rabbit_answers; then
    say "RabbitMQ already runs on localhost:5672"
else
    need_root "start RabbitMQ"
    say "starting RabbitMQ"
    start_rabbit
fi
wait_for RabbitMQ rabbit_answers

if ! postgres_usable; then
    need_root "make the PostgreSQL role $test_role"
    say "making the PostgreSQL role $test_role"
    make_test_role
    wait_for "PostgreSQL to the role $test_role" postgres_usable
fi

say "PostgreSQL and RabbitMQ answer; pgbench and wrk are installed"
