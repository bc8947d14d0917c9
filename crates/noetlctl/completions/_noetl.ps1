
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'noetl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'noetl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'noetl' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Start, stop or look at the server')
            [CompletionResult]::new('runtime', 'runtime', [CompletionResultType]::ParameterValue, 'Show what exactly is running, and whether it is right for this machine')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Show the version, platform and target triple of this program')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'noetl;server' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start the server, here or in the background')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the server')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say whether the server is running')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'noetl;server;start' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port to listen on [env: NOETL_PORT] [default: 8082]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long the server may take until it is healthy, in seconds')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Python to run the server with [env: NOETL_PYTHON] [default: the project''s .venv, then python3 and python]')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Leave the server in the background and return as soon as it is healthy')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'noetl;server;stop' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port of the server to stop [env: NOETL_PORT] [default: that of the only one running]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long it may take to stop before it is killed, in seconds')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'noetl;server;status' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port to listen on [env: NOETL_PORT] [default: 8082]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'noetl;server;help' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start the server, here or in the background')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the server')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say whether the server is running')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'noetl;server;help;start' {
            break
        }
        'noetl;server;help;stop' {
            break
        }
        'noetl;server;help;status' {
            break
        }
        'noetl;server;help;help' {
            break
        }
        'noetl;runtime' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port to listen on [env: NOETL_PORT] [default: 8082]')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The server to ask, as a URL: https://noetl.example.org')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print all of the server''s answer as JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'noetl;version' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'noetl;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'noetl;help' {
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Start, stop or look at the server')
            [CompletionResult]::new('runtime', 'runtime', [CompletionResultType]::ParameterValue, 'Show what exactly is running, and whether it is right for this machine')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Show the version, platform and target triple of this program')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'noetl;help;server' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start the server, here or in the background')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the server')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say whether the server is running')
            break
        }
        'noetl;help;server;start' {
            break
        }
        'noetl;help;server;stop' {
            break
        }
        'noetl;help;server;status' {
            break
        }
        'noetl;help;runtime' {
            break
        }
        'noetl;help;version' {
            break
        }
        'noetl;help;completions' {
            break
        }
        'noetl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
