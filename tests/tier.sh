# What the scripts of the tiers share: pinned tools of PyPI under target/tools, `clr`, free ports, the emulator of AWS, and the end
# of what was started. Sourced from the top of the repository.

tools=$PWD/target/tools

# venv FOLDER PACKAGE… | venv FOLDER -r FILE: a virtual environment of that name in $tools, with these packages.
venv() {
    local folder=$tools/$1 wanted
    shift
    wanted=$*
    if [ "$1" = -r ]; then wanted=$(<"$2"); fi
    if [ -e "$folder/installed" ] && [ "$(<"$folder/installed")" = "$wanted" ]; then return; fi
    python3 -m venv "$folder" || { apt-get -qq update && apt-get -qq install -y python3-venv && python3 -m venv "$folder"; }
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
    printf '%s\n' "$wanted" >"$folder/installed"
}

# need_clr: $CLR, or a debug build where there is none.
need_clr() {
    if [ -z "${CLR:-}" ]; then
        cargo build --quiet -p local
        CLR=$PWD/target/debug/clr
    fi
    export CLR
}

# What a script starts, it adds here.
running=()
end() {
    if [ ${#running[@]} = 0 ]; then return; fi
    kill "${running[@]}" 2>/dev/null || true
    wait "${running[@]}" 2>/dev/null || true
}
trap end EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# ready PORT LOG: waits until somebody listens; shows the log where nobody does.
ready() {
    for _ in $(seq 150); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        sleep 0.2
    done
    cat "$2" >&2
    echo "nobody listens on port $1" >&2
    exit 1
}

# emulate_aws HOME: PyPI `ministack`, which keeps its files and its log in HOME; $emulator is its URL. It takes the transformation of
# SAM from aws-sam-translator.
emulate_aws() {
    local port
    venv ministack-1.5.33 ministack==1.5.33 cryptography==50.0.2 aws-sam-translator==1.115.0
    port=$(free_port)
    emulator=http://127.0.0.1:$port
    # Without every one of these it listens on all addresses or looks for the real cloud.
    (cd "$1" && IOT_MTLS_ENABLED=0 BIND_HOST=127.0.0.1 GATEWAY_PORT=$port MINISTACK_HOST=localhost \
        AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL=$emulator \
        exec "$tools/ministack-1.5.33/bin/ministack") >"$1/ministack.log" 2>&1 &
    running+=($!)
    ready "$port" "$1/ministack.log"
}
