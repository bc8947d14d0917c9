# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_noetl_global_optspecs
    string join \n h/help V/version
end

function __fish_noetl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_noetl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_noetl_using_subcommand
    set -l cmd (__fish_noetl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c noetl -n "__fish_noetl_needs_command" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_needs_command" -s V -l version -d 'Print version'
complete -c noetl -n "__fish_noetl_needs_command" -f -a "server" -d 'Start, stop or look at the server'
complete -c noetl -n "__fish_noetl_needs_command" -f -a "runtime" -d 'Show what exactly is running, and whether it is right for this machine'
complete -c noetl -n "__fish_noetl_needs_command" -f -a "version" -d 'Show the version, platform and target triple of this program'
complete -c noetl -n "__fish_noetl_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c noetl -n "__fish_noetl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c noetl -n "__fish_noetl_using_subcommand server; and not __fish_seen_subcommand_from start stop status help" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand server; and not __fish_seen_subcommand_from start stop status help" -f -a "start" -d 'Start the server, here or in the background'
complete -c noetl -n "__fish_noetl_using_subcommand server; and not __fish_seen_subcommand_from start stop status help" -f -a "stop" -d 'Stop the server'
complete -c noetl -n "__fish_noetl_using_subcommand server; and not __fish_seen_subcommand_from start stop status help" -f -a "status" -d 'Say whether the server is running'
complete -c noetl -n "__fish_noetl_using_subcommand server; and not __fish_seen_subcommand_from start stop status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from start" -l host -d 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from start" -l port -d 'Port to listen on [env: NOETL_PORT] [default: 8082]' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from start" -l timeout -d 'How long the server may take until it is healthy, in seconds' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from start" -l python -d 'Python to run the server with [env: NOETL_PYTHON] [default: the project\'s .venv, then python3 and python]' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from start" -l detach -d 'Leave the server in the background and return as soon as it is healthy'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from stop" -l port -d 'Port of the server to stop [env: NOETL_PORT] [default: that of the only one running]' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from stop" -l timeout -d 'How long it may take to stop before it is killed, in seconds' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from status" -l host -d 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from status" -l port -d 'Port to listen on [env: NOETL_PORT] [default: 8082]' -r
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from help" -f -a "start" -d 'Start the server, here or in the background'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Stop the server'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from help" -f -a "status" -d 'Say whether the server is running'
complete -c noetl -n "__fish_noetl_using_subcommand server; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c noetl -n "__fish_noetl_using_subcommand runtime" -l host -d 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]' -r
complete -c noetl -n "__fish_noetl_using_subcommand runtime" -l port -d 'Port to listen on [env: NOETL_PORT] [default: 8082]' -r
complete -c noetl -n "__fish_noetl_using_subcommand runtime" -l url -d 'The server to ask, as a URL: https://noetl.example.org' -r
complete -c noetl -n "__fish_noetl_using_subcommand runtime" -l json -d 'Print all of the server\'s answer as JSON'
complete -c noetl -n "__fish_noetl_using_subcommand runtime" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand version" -l json -d 'Print JSON'
complete -c noetl -n "__fish_noetl_using_subcommand version" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c noetl -n "__fish_noetl_using_subcommand help; and not __fish_seen_subcommand_from server runtime version completions help" -f -a "server" -d 'Start, stop or look at the server'
complete -c noetl -n "__fish_noetl_using_subcommand help; and not __fish_seen_subcommand_from server runtime version completions help" -f -a "runtime" -d 'Show what exactly is running, and whether it is right for this machine'
complete -c noetl -n "__fish_noetl_using_subcommand help; and not __fish_seen_subcommand_from server runtime version completions help" -f -a "version" -d 'Show the version, platform and target triple of this program'
complete -c noetl -n "__fish_noetl_using_subcommand help; and not __fish_seen_subcommand_from server runtime version completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c noetl -n "__fish_noetl_using_subcommand help; and not __fish_seen_subcommand_from server runtime version completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c noetl -n "__fish_noetl_using_subcommand help; and __fish_seen_subcommand_from server" -f -a "start" -d 'Start the server, here or in the background'
complete -c noetl -n "__fish_noetl_using_subcommand help; and __fish_seen_subcommand_from server" -f -a "stop" -d 'Stop the server'
complete -c noetl -n "__fish_noetl_using_subcommand help; and __fish_seen_subcommand_from server" -f -a "status" -d 'Say whether the server is running'
