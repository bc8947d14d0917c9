
use builtin;
use str;

set edit:completion:arg-completer[noetl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'noetl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'noetl'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand server 'Start, stop or look at the server'
            cand runtime 'Show what exactly is running, and whether it is right for this machine'
            cand version 'Show the version, platform and target triple of this program'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'noetl;server'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand start 'Start the server, here or in the background'
            cand stop 'Stop the server'
            cand status 'Say whether the server is running'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'noetl;server;start'= {
            cand --host 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]'
            cand --port 'Port to listen on [env: NOETL_PORT] [default: 8082]'
            cand --timeout 'How long the server may take until it is healthy, in seconds'
            cand --python 'Python to run the server with [env: NOETL_PYTHON] [default: the project''s .venv, then python3 and python]'
            cand --detach 'Leave the server in the background and return as soon as it is healthy'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'noetl;server;stop'= {
            cand --port 'Port of the server to stop [env: NOETL_PORT] [default: that of the only one running]'
            cand --timeout 'How long it may take to stop before it is killed, in seconds'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'noetl;server;status'= {
            cand --host 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]'
            cand --port 'Port to listen on [env: NOETL_PORT] [default: 8082]'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'noetl;server;help'= {
            cand start 'Start the server, here or in the background'
            cand stop 'Stop the server'
            cand status 'Say whether the server is running'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'noetl;server;help;start'= {
        }
        &'noetl;server;help;stop'= {
        }
        &'noetl;server;help;status'= {
        }
        &'noetl;server;help;help'= {
        }
        &'noetl;runtime'= {
            cand --host 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]'
            cand --port 'Port to listen on [env: NOETL_PORT] [default: 8082]'
            cand --url 'The server to ask, as a URL: https://noetl.example.org'
            cand --json 'Print all of the server''s answer as JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'noetl;version'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'noetl;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'noetl;help'= {
            cand server 'Start, stop or look at the server'
            cand runtime 'Show what exactly is running, and whether it is right for this machine'
            cand version 'Show the version, platform and target triple of this program'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'noetl;help;server'= {
            cand start 'Start the server, here or in the background'
            cand stop 'Stop the server'
            cand status 'Say whether the server is running'
        }
        &'noetl;help;server;start'= {
        }
        &'noetl;help;server;stop'= {
        }
        &'noetl;help;server;status'= {
        }
        &'noetl;help;runtime'= {
        }
        &'noetl;help;version'= {
        }
        &'noetl;help;completions'= {
        }
        &'noetl;help;help'= {
        }
    ]
    $completions[$command]
}
