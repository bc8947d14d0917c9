package audit

import (
	"slices"
	"strings"
)

// linuxLibrary reports what every glibc distribution has without a choice:
// glibc's own libraries (its manual, "Installed Libraries") and GCC's unwinder.
// Not among them: libcrypt and libnsl, which distributions have split off.
func linuxLibrary(name string) bool {
	switch name {
	case "libc.so.6", "libm.so.6", "libmvec.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1",
		"libresolv.so.2", "libanl.so.1", "libthread_db.so.1", "libBrokenLocale.so.1", "libgcc_s.so.1",
		"ld64.so.1", "ld64.so.2", "ld.so.1":
		return true
	}
	return strings.HasPrefix(name, "ld-linux")
}

// windowsLibrary reports the DLLs that come with every desktop edition of
// Windows 10, on amd64 and on arm64. API sets are names that the loader itself
// resolves, the universal C runtime's among them (Microsoft Learn, "Windows
// API sets" and "Universal CRT deployment").
func windowsLibrary(name, arch string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "api-ms-win-") || strings.HasPrefix(name, "ext-ms-win-") || strings.HasPrefix(name, "ext-ms-onecore-") {
		return true
	}
	base, dll := strings.CutSuffix(name, ".dll")
	if !dll {
		return name == "winspool.drv"
	}
	if arch != "arm64" && (base == "opengl32" || base == "glu32" || base == "mscoree") {
		return true // arm64 got these later, or from the Store
	}
	return slices.Contains(strings.Fields(windowsDLLs), base)
}

// windowsDLLs are those of System32 that programs are linked with: the
// documented Win32 API's. Chosen from the libraries that the Windows SDK's
// reference names ("Requirements: DLL") and compared with the listing of a fresh
// Windows 10 for arm64. On purpose not among them, though some machines have
// them: vcruntime140 and msvcp140 (the Visual C++ redistributable's), msvcr120
// and older, d3dx9 and xinput1_3 (the DirectX redistributable's), python3
// and libcrypto. Server Core and Nano Server lack some for sound, pictures and
// dialogues.
const windowsDLLs = `
aclui activeds advapi32 advpack authz avicap32 avifil32 avrt bcrypt bcryptprimitives bluetoothapis
cabinet cfgmgr32 cldapi clusapi combase comctl32 comdlg32 compstui coremessaging credui crypt32
cryptbase cryptnet cryptsp cryptui cryptxml cscapi
d2d1 d3d9 d3d10 d3d10_1 d3d11 d3d12 d3dcompiler_47 davclnt dbgeng dbghelp dcomp ddraw devobj dhcpcsvc
dhcpcsvc6 dinput8 dnsapi dpapi dsound dsrole dwmapi dwrite dxcore dxgi dxva2
efsutil elscore esent evr faultrep fltlib fwpuclnt gdi32 gdi32full gdiplus gpedit hid hlink httpapi
icm32 icmp icu icuin icuuc imagehlp imgutil imm32 inetcomm iphlpapi kernel.appcore kernel32 kernelbase
ksuser ktmw32 loadperf logoncli lz32 magnification mapi32 mf mfplat mfplay mfreadwrite mi mmdevapi
mpr mprapi msacm32 msasn1 mscms msctf msdelta msdmo msdrm msftedit mshtml msi msimg32 msls31 mspatcha
msrating mssign32 mstask msvcp60 msvcp_win msvcrt msvfw32 mswsock msxml3 msxml6
ncrypt ndfapi netapi32 netutils newdev ninput normaliz nsi ntasn1 ntdll ntdsapi ntmarta
odbc32 odbccp32 offreg ole32 oleacc oleaut32 oledlg p2p pdh powrprof profapi propsys psapi
qwave rasapi32 rasdlg resutils riched20 riched32 rpcrt4 rpcns4 rstrtmgr rtutils rtworkq
samcli samlib sas schannel sechost secur32 security sensapi setupapi sfc shcore shdocvw shell32
shfolder shlwapi slc slwga snmpapi srclient srvcli sspicli sti sxs t2embed tapi32 taskschd tbs tdh
traffic twinapi txfw32 ucrtbase uiautomationcore uianimation url urlmon user32 userenv usp10 uxtheme
vaultcli version virtdisk vssapi webauthn webservices websocket wecapi wer wevtapi wimgapi win32u
winbio windows.storage windowscodecs winhttp wininet winmm winnsi winscard winsta wintrust wintypes
winusb wkscli wlanapi wldap32 wldp wofutil ws2_32 wscapi wsdapi wslapi wsmsvc wsnmp32 wsock32 wtsapi32
xaudio2_9 xinput1_4 xinput9_1_0 xinputuap xmllite xolehlp xpsprint`
