local t={} for i=1,2000000 do t[i%1000]=(t[i%1000] or 0)+i end local s=0 for k,v in pairs(t) do s=s+v end print(s) local ffi=require'ffi' ffi.cdef'int getpid(void);' print(ffi.C.getpid() > 0)
