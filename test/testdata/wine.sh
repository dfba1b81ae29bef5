# Wine, whose programs use GS, makes its files, starts its services and a Windows shell.
wine=/usr/lib/wine/wine64
export WINEPREFIX=$PWD/prefix WINEDEBUG=-all DISPLAY=
$wine cmd /c 'echo hello & ver & for /L %i in (1,1,3) do @echo %i' 2>/dev/null | tr -d '\r'
/usr/lib/wine/wineserver64 -k
rm -rf prefix
