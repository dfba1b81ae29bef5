<?php $a=[]; for($i=0;$i<300000;$i++){$a["k".($i%700)]=($a["k".($i%700)]??0)+$i;} echo count($a)," ",md5(json_encode($a)),"\n"; echo preg_replace_callback('/(\d+)/',fn($m)=>$m[1]*2,"a1b22c333"),"\n";
