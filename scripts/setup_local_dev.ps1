# Makes this checkout run on this machine, from whichever folder it is called. Flags are those of the target:
#   scripts\setup_local_dev.ps1 [-ui=false]
# For Windows PowerShell 5.1 and PowerShell 7. If Windows says that running scripts is disabled on this system:
#   powershell -ExecutionPolicy Bypass -File scripts\setup_local_dev.ps1
$code = 1
Push-Location -LiteralPath (Split-Path -Parent $PSScriptRoot)
try {
    if (-not (Get-Command go -CommandType Application -ErrorAction SilentlyContinue)) {
        [Console]::Error.WriteLine('setup_local_dev.ps1: Go is not on the PATH: get it from https://go.dev/dl, open a new terminal and run this again')
    }
    else {
        if (-not (Test-Path -LiteralPath .tools/py/.installed-key)) {
            # It prepares for images, too: what it could not do may not matter here, and setupLocalDev says what does.
            go tool mage bootstrap
            if ($LASTEXITCODE -ne 0) {
                [Console]::Error.WriteLine('setup_local_dev.ps1: bootstrap could not do all; going on with what is there')
            }
        }
        go tool mage setupLocalDev @args
        $code = $LASTEXITCODE
    }
}
finally {
    Pop-Location
}
exit $code
